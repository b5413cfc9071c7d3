import type { FastifyInstance } from 'fastify'

/**
 * Who may call a route. `gateway` means that the caller's signature is checked by the handler, so no CSRF token is
 * asked for; everybody else shows one on POST, PUT and DELETE.
 */
export type Access = 'anyone' | 'signed_in' | 'operator' | 'gateway'

/** The person a request acts for. */
export interface Account {
  readonly id: number
  readonly name: string
  readonly phone: string
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** False for answers that are not the JSON envelope: pages, pictures, the plain text for Alipay. */
    envelope?: false
    /** True for a route that is answered however busy we are; only the gateway's notification. */
    neverShed?: true
  }
  interface FastifyRequest {
    /** The signed-in person, on every route that knows sessions; undefined for visitors. */
    viewer: Account | undefined
    /** The signed-in person on `signed_in` routes. Reading it elsewhere is a defect and throws. */
    readonly account: Account
  }
}

const KNOWN: readonly unknown[] = ['anyone', 'signed_in', 'operator', 'gateway']

/** Refuses to start the server when a route does not say who may call it. */
export function requireAccess(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!KNOWN.includes(route.config?.access)) {
      throw new Error(`${String(route.method)} ${route.url} does not say who may call it: set config.access`)
    }
  })
}
