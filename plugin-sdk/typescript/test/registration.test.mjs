import assert from "node:assert/strict";
import { test } from "node:test";
import { Call, Cause, Decision, Failure, policy } from "../src/registration";
import { integer, object } from "../src/settings";
import { lines } from "./fakes/log.mjs";

const signUp = (userProfile, more = {}) =>
  JSON.stringify({ eventId: "e", requestType: "self.service.registration", data: { userProfile }, ...more });

const run = (decide, json, rule, settings = "{}") => policy(decide, rule).decide(json, settings);

function thrownBy(decide, json = signUp({ email: "a@example.com" })) {
  try {
    run(decide, json);
  } catch (thrown) {
    return thrown;
  }
  assert.fail("nothing was thrown");
}

test("the request type is named or told by what was submitted", () => {
  const type = (call) => new Call(JSON.stringify(call)).requestType();
  assert.equal(type({ requestType: "progressive.profile" }), "progressive.profile");
  assert.equal(type({ requestType: null, data: { userProfileUpdate: {} } }), "progressive.profile");
  assert.equal(type({ data: { userProfile: {} } }), "classic");
  assert.throws(() => type({ requestType: "profile.delete" }), Failure);
});

test("a call tells what was submitted", () => {
  const call = new Call(signUp({ email: "A@Example.COM", n: 12345, none: null, constructor: "own" }));
  assert.equal(call.emailDomain(), "example.com");
  assert.equal(call.email(), "A@Example.COM");
  assert.equal(call.attribute("n"), 12345);
  assert.equal(call.text("n"), undefined);
  assert.ok(!call.submitted().has("none") && !call.submitted().has("toString"));
  assert.equal(call.text("constructor"), "own");
  assert.equal(call.pointer("/data/userProfile/n"), 12345);
});

test("a context of another form is a failure only for who asks", () => {
  const data = { context: { request: { ipAddress: 7 } }, userProfile: { email: "a@b.example" } };
  const call = new Call(signUp({}, { data }));
  assert.equal(call.emailDomain(), "b.example");
  assert.throws(() => call.ipAddress(), /`data.context.request.ipAddress`: a member has the wrong type/);
});

test("attributes are set by the command of the request type, in their order", () => {
  const decide = () => Decision.set("b", 1).andSet("10", ["\u00fc"]).andSet("b", false).reason("why");
  assert.deepEqual(run(decide, signUp({})), {
    commands: [{ type: "com.okta.user.profile.update", value: '{"b":false,"10":["\u00fc"]}' }],
    error: null,
    debugContext: null,
    reason: "why",
  });
  const progressive = run(decide, '{"requestType":"progressive.profile"}');
  assert.equal(progressive.commands[0].type, "com.okta.user.progressive.profile.update");
});

test("a denial stands alone", () => {
  const decide = () =>
    Decision.denyFields([Cause.at("email", "Use your work address.").code("WORK"), Cause.unlocated("Ask.")]).andSet("a", 1);
  const { commands, error } = run(decide, signUp({}));
  assert.deepEqual(commands, [{ type: "com.okta.action.update", value: '{"registration":"DENY"}' }]);
  const [first, second] = error.errorCauses;
  assert.equal(first.location, "data.userProfile.email");
  assert.equal(first.reason, "WORK");
  assert.equal(second.location, null);
});

test("a denial with empty texts is a denial all the same", () => {
  const { commands, error } = run(() => Decision.denyField("email", " "), signUp({}));
  assert.equal(commands.length, 1);
  assert.equal(error, null);
});

test("the password cannot be set", () => {
  assert.equal(thrownBy(() => Decision.set("password", "hunter2")).tag, "other");
});

test("a failure is what the author says, and an error is its type and place", () => {
  assert.deepEqual(
    thrownBy(() => {
      throw Failure.unavailable("not now");
    }),
    { tag: "unavailable", val: "not now" },
  );
  const before = lines.length;
  const thrown = thrownBy((call) => {
    throw new TypeError(`about ${call.email()}`);
  });
  assert.match(thrown.val, /^TypeError at \S+:\d+$/);
  assert.deepEqual(lines.slice(before), [`error: ${thrown.val}`]);
  assert.equal(thrownBy(() => undefined).val, "`decide` returned no decision");
  assert.equal(thrownBy(() => Promise.resolve(Decision.allow())).val, "`decide` returned no decision");
});

test("a call that is none is a failure that does not quote it", () => {
  const thrown = thrownBy(() => Decision.allow(), "hunter2");
  assert.deepEqual(thrown, { tag: "invalid-call", val: "not JSON" });
});

test("the settings that were checked are handed over", () => {
  const rule = object({ n: integer() });
  const decide = (_, { n }) => Decision.set("n", n);
  assert.equal(run(decide, signUp({}), rule, '{"n":7}').commands[0].value, '{"n":7}');
  assert.throws(() => run(decide, signUp({}), rule, '{"n":"7"}'), { tag: "other" });
});

test("chance, which would repeat itself, is refused", () => {
  assert.match(thrownBy(() => Decision.set("n", Math.random())).val, /^Error at /);
});
