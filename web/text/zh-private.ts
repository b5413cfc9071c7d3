export const zhPrivate = { 'a.b': '{x} foo' } as const satisfies Record<string, string>
