import type { Envelope } from './envelope.ts'
import type { Problem } from './problems.ts'
import type { CsrfView, ProfileView, SessionView, SignInBody } from './schemas/accounts.ts'
import type {
  AreaView,
  FacilityView,
  HomeView,
  HouseBookingView,
  HouseCountQuery,
  HouseCountView,
  HouseDetailView,
  HouseListQuery,
  HouseListView,
} from './schemas/houses.ts'

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1.0`, with its query. */
  readonly path: string
  readonly json?: unknown
  /** A form-encoded body as it came, for the payment result. */
  readonly form?: string
  /** A form with a file. `onProgress` hears how much of it has left, from 0 to 1. */
  readonly parts?: FormData
  readonly onProgress?: ((share: number) => void) | undefined
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  readonly retryAfterSeconds?: number
}

/** Carries one request to the API and its answer back. Throws when no answer came: the result is then unknown. */
export type Transport = (request: ApiRequest) => Promise<ApiAnswer>

/** The API said no, with a name that the caller can act on. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal'
  readonly problem: Problem
  readonly status: number
  readonly details: unknown
  readonly requestId: string
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, answer: ApiAnswer, envelope: Envelope<unknown>) {
    super(problem)
    this.problem = problem
    this.status = answer.status
    this.details = envelope.data
    this.requestId = envelope.request_id
    this.retryAfterSeconds = answer.retryAfterSeconds
  }
}

/** No answer, or one that cannot be read: whether the request had an effect is unknown. */
export class ApiOutage extends Error {
  override readonly name = 'ApiOutage'
}

function isEnvelope(body: unknown): body is Envelope<unknown> {
  return typeof body === 'object' && body !== null && 'errno' in body && 'problem' in body
}

/** `?a=1&b=2` of what is there. */
export const queryText = (values: Readonly<Record<string, string | undefined>>): string => {
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return present.length > 0 ? `?${new URLSearchParams(present)}` : ''
}

/** The API as functions. The same client runs in the browser and, over another transport, on the rendering server. */
export function createClient(transport: Transport) {
  async function call<Data>(request: ApiRequest): Promise<Data> {
    let answer: ApiAnswer
    try {
      answer = await transport(request)
    } catch (cause) {
      throw new ApiOutage('no answer', { cause })
    }
    if (!isEnvelope(answer.body)) throw new ApiOutage(`unreadable answer with status ${answer.status}`)
    const { problem, data } = answer.body
    // The table of problems stays on the server. A name that is newer than this client has no words here, which is
    // how a defect is said.
    if (problem !== null) throw new ApiRefusal(problem as Problem, answer, answer.body)
    return data as Data
  }
  const get = <Data>(path: string, signal?: AbortSignal) =>
    call<Data>({ method: 'GET', path, ...(signal ? { signal } : {}) })

  return {
    /** For the parts of the API that stand apart from this client, so that not everybody loads them. */
    call,
    query: queryText,
    session: {
      csrf: () => get<CsrfView>('/csrf'),
      read: () => get<SessionView>('/session'),
      signIn: (body: SignInBody) => call<SessionView>({ method: 'POST', path: '/sessions', json: body }),
      signOut: () => call<undefined>({ method: 'DELETE', path: '/session' }),
      profile: () => get<ProfileView>('/users/profile'),
    },
    houses: {
      areas: () => get<AreaView[]>('/house/areas'),
      facilities: () => get<FacilityView[]>('/house/facility'),
      home: () => get<HomeView>('/house/index'),
      list: (filter: HouseListQuery, signal?: AbortSignal) =>
        get<HouseListView>(`/houses${queryText({ ...filter })}`, signal),
      count: (filter: HouseCountQuery, signal?: AbortSignal) =>
        get<HouseCountView>(`/houses/count${queryText({ ...filter })}`, signal),
      detail: (houseId: number) => get<HouseDetailView>(`/house/${houseId}`),
      booking: (houseId: number) => get<HouseBookingView>(`/order/house/${houseId}`),
    },
  }
}

export type Api = ReturnType<typeof createClient>
