/** What the server asks of a new password. */
export const PASSWORD_RULE = "12 characters or more; a few words are easier to remember than signs.";
