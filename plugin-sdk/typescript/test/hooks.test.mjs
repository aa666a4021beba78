import assert from "node:assert/strict";
import { test } from "node:test";
import * as password from "../src/password-import";
import * as saml from "../src/saml";
import * as telephony from "../src/telephony";
import * as token from "../src/token";
import * as user from "../src/user-import";

const commands = (hook, decision, call = {}) =>
  hook
    .policy(() => decision)
    .decide(JSON.stringify(call), "{}")
    .commands.map(({ type, value }) => [type, JSON.parse(value)]);

const claims = { list: ["a", "b"], object: { x: 1 }, text: "t", none: null };
const minted = { data: { access: { claims, scopes: { openid: { action: "GRANT" }, no: { action: "DENY" } } } } };
const patched = (patch) => commands(token, token.Decision.patch("access", patch), minted)[0]?.[1] ?? [];

test("each token has its command, and one that is not minted is left alone", () => {
  const decision = token.Decision.setClaim("access", "tenant", "acme").andSetClaim("id", "tenant", "acme");
  assert.deepEqual(commands(token, decision, minted), [
    ["com.okta.access.patch", [{ op: "add", path: "/claims/tenant", value: "acme" }]],
  ]);
  assert.deepEqual(new token.Call(JSON.stringify(minted)).access().scopes(), ["openid"]);
});

test("a patch becomes the operations that can be carried out on what is there", () => {
  const patch = new token.Patch()
    .set(["list", "1"], "c")
    .append("list", "d")
    .insert("list", 0, "e")
    .append("new", 1)
    .append("new", 2)
    .set(["deep", "er", "est"], true)
    .replace("none", 1)
    .remove("absent")
    .remove(["object", "x"])
    .replace("text", "u")
    .set("a/b~c", 1)
    .lifetime(3600.9);
  assert.deepEqual(patched(patch), [
    { op: "replace", path: "/claims/list/1", value: "c" },
    { op: "add", path: "/claims/list/-", value: "d" },
    { op: "add", path: "/claims/list/0", value: "e" },
    { op: "add", path: "/claims/new", value: [1] },
    { op: "add", path: "/claims/new/-", value: 2 },
    { op: "add", path: "/claims/deep", value: { er: { est: true } } },
    { op: "remove", path: "/claims/object/x" },
    { op: "replace", path: "/claims/text", value: "u" },
    { op: "add", path: "/claims/a~1b~0c", value: 1 },
    { op: "replace", path: "/token/lifetime/expiration", value: 3600 },
  ]);
});

test("a patch that Okta would drop is a failure", () => {
  for (const [patch, says] of [
    [new token.Patch().set("iss", "x"), "changes `iss`, reserved by Okta, in the access token"],
    [new token.Patch().set("", "x"), "changes a claim that has no name in the access token"],
    [new token.Patch().lifetime(299), "sets a lifetime that is not 300 to 86400 seconds in the access token"],
    [new token.Patch().set(["list", "2"], "x"), "changes `list/2`, which is beyond the end of a list, in the access token"],
    [
      new token.Patch().set(["text", "x"], "x"),
      "changes `text/x`, which is inside of a value that has no inside, in the access token",
    ],
    [new token.Patch().append("text", "x"), "changes `text`, which is no list, in the access token"],
  ]) {
    assert.throws(() => patched(patch), { tag: "other", val: says });
  }
});

test("an assertion gets its attributes", () => {
  const roles = saml.Attribute.text("a", "b").format(saml.NameFormat.basic);
  const [[type, [operation]]] = commands(saml, saml.Decision.setAttribute("roles/x", roles));
  assert.equal(type, "com.okta.assertion.patch");
  assert.equal(operation.path, "/claims/roles~1x");
  assert.equal(operation.value.attributes.NameFormat, saml.NameFormat.basic);
  assert.deepEqual(operation.value.attributeValues[1], { attributes: { "xsi:type": "xs:string" }, value: "b" });
  assert.throws(() => commands(saml, saml.Decision.setAttribute("", "x")), { tag: "other" });
  assert.throws(() => commands(saml, saml.Decision.noOpinion().andAudiences([])), { tag: "other" });
});

test("an imported user is linked, created or completed", () => {
  const linked = user.Decision.linkUser("00u1").andSetUser("a", 1).andSetAppUser("b", 2);
  assert.deepEqual(commands(user, linked), [
    ["com.okta.action.update", { result: "LINK_USER" }],
    ["com.okta.user.update", { id: "00u1" }],
    ["com.okta.appUser.profile.update", { b: 2 }],
    ["com.okta.user.profile.update", { a: 1 }],
  ]);
  assert.deepEqual(commands(user, user.Decision.createUser()), [["com.okta.action.update", { result: "CREATE_USER" }]]);
  assert.throws(() => commands(user, user.Decision.linkUser(" ")), { tag: "other" });
});

test("a password is told only to who asks for it", () => {
  const call = { data: { context: { credential: { username: "a", password: "hunter2" } } } };
  const typed = new password.Call(JSON.stringify(call));
  assert.equal(`${typed.password()}`, "Password(..)");
  assert.equal(typed.password().reveal(), "hunter2");
  assert.deepEqual(commands(password, password.Decision.unverified(), call), [
    ["com.okta.action.update", { credential: "UNVERIFIED" }],
  ]);
  assert.throws(() => commands(password, password.Decision.verified()), { tag: "invalid-call" });
  assert.ok(password.isSameSecret("abc", "abc"));
  assert.ok(!password.isSameSecret("abc", "abd") && !password.isSameSecret("abc", "ab") && !password.isSameSecret("", "a"));
});

test("a code's number may be written as a number", () => {
  const messageProfile = { phoneNumber: 4915100000000, otpCode: "0123", deliveryChannel: "voice call" };
  const call = new telephony.Call(JSON.stringify({ data: { messageProfile } }));
  assert.equal(call.phoneNumber(), "4915100000000");
  assert.equal(call.otpCode(), "0123");
  assert.equal(call.channel(), "voice");
  const delivered = telephony.Decision.delivered("TWILIO", "SM1").transactionMetadata("x");
  assert.deepEqual(commands(telephony, delivered), [
    [
      "com.okta.telephony.action",
      [{ status: "SUCCESSFUL", provider: "TWILIO", transactionId: "SM1", transactionMetadata: "x" }],
    ],
  ]);
});
