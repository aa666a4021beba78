// The lines that were written.

export const lines = [];
export default { write: (level, message) => void lines.push(`${level}: ${message}`) };
