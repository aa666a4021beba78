// What the policies' engine has and older versions of node do not.

JSON.isRawJSON ??= () => false;
String.prototype.toWellFormed ??= function () {
  return this.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
};
