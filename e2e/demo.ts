/** What the demo data promises to whoever starts it. */
export const DEMO_PASSWORD = 'aijia-demo-2026'
export const DEMO_GUEST = '17000000001'
export const DEMO_HOST = '17000000002'
