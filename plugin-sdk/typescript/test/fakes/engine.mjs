// What the policies' engine has and older versions of node do not.

JSON.isRawJSON ??= () => false;
