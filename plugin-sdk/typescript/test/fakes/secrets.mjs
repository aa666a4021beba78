export default { get: (name) => (name === "crm-token" ? "hunter2" : null) };
