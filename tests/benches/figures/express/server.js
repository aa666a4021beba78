// The rule of `plugins/only-example-com`, as one would write it for Express.

"use strict";

const express = require("express");

const MESSAGE = "Only example.com addresses can register.";

const DENIAL = {
  commands: [
    { type: "com.okta.action.update", value: { registration: "DENY" } },
  ],
  error: {
    errorSummary: MESSAGE,
    errorCauses: [
      {
        errorSummary: MESSAGE,
        reason: "INVALID_EMAIL_DOMAIN",
        locationType: "body",
        location: "data.userProfile.email",
        domain: "end-user",
      },
    ],
  },
};

function admits({ requestType, data }) {
  const progressive = requestType === "progressive.profile";
  const submitted = progressive ? data.userProfileUpdate : data.userProfile;
  const email = submitted?.email;
  if (progressive && email === undefined) {
    return true;
  }
  if (typeof email !== "string") {
    return false;
  }
  const domain = email.slice(email.lastIndexOf("@") + 1);
  return domain.toLowerCase() === "example.com";
}

const app = express();
app.use(express.json());
app.post("/hooks/registration", (request, response) => {
  if (admits(request.body)) {
    response.status(204).end();
  } else {
    response.json(DENIAL);
  }
});

const server = app.listen(0, "127.0.0.1", () => {
  const { address, port } = server.address();
  process.stderr.write(` listening=${address}:${port} \n`);
});
// Connections wait for their turn while another server is measured.
server.keepAliveTimeout = 3_600_000;
