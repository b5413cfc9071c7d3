/**
 * How long a password is, as long as nobody has set it otherwise: a page says this before it sends, and the server has
 * the last word. Apart from the schemas, which browsers do not load.
 */
export const PASSWORD_MIN = 8
export const PASSWORD_MAX = 128
