/** The words of the pages behind the login, and of the login itself. Visitors of public pages do not load them. */
export const zhSignedIn = {} as const satisfies Record<string, string>
