export const debug = true;
