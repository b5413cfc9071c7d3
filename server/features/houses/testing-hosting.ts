import type { HouseInfoBody } from '@ihome/contract/schemas/hosting'
import type { InjectOptions } from 'fastify'
import { type TestDeps, type TestDepsOptions, testApp } from '../../platform/testing.ts'
import { type GivenUser, givenUser } from '../../platform/testing-builders.ts'
import { calendarRoutes, exportRoutes } from '../calendars/calendar-routes.ts'
import { pictureRoutes } from '../pictures/routes.ts'
import { searchRoutes } from '../search/routes.ts'
import { hostingRoutes } from './hosting-routes.ts'
import { photoRoutes } from './photo-routes.ts'
import { houseRoutes } from './routes.ts'

export interface Host extends GivenUser {
  /** Sends a request below the API prefix as this person; gives status, problem and data. */
  ask<Data = unknown>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    options?: { json?: unknown; headers?: Record<string, string>; payload?: Buffer },
  ): Promise<{ status: number; errno: string; problem: string | null; data: Data }>
  /** Sends a form with one file. */
  upload(
    path: string,
    file: { field: string; bytes: Buffer; name?: string },
    fields?: Record<string, string>,
  ): ReturnType<Host['ask']>
}

/** The routes of hosts and of those who look at houses, with people who are signed in. */
export async function hostingApp(options: TestDepsOptions = {}) {
  const app = await testApp({
    ...options,
    features: {
      api: [houseRoutes, hostingRoutes, photoRoutes, calendarRoutes, searchRoutes],
      root: [pictureRoutes, exportRoutes],
    },
  })
  const deps: TestDeps = app.deps

  async function person({ verified = true }: { verified?: boolean } = {}): Promise<Host> {
    const user = await givenUser(deps.db, { verified })
    const { headers } = await app.signIn(user.phone)
    const ask: Host['ask'] = async <Data>(
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      path: string,
      wish: { json?: unknown; headers?: Record<string, string>; payload?: Buffer } = {},
    ) => {
      const request: InjectOptions = {
        method,
        url: `/api/v1.0${path}`,
        headers: { ...headers, ...wish.headers },
        ...(wish.json !== undefined ? { payload: wish.json as object } : {}),
        ...(wish.payload !== undefined ? { payload: wish.payload } : {}),
      }
      const answer = await app.request(request)
      const body = answer.json<{ errno: string; problem: string | null; data: Data }>()
      return { status: answer.statusCode, errno: body.errno, problem: body.problem, data: body.data }
    }
    return {
      ...user,
      ask,
      upload: (path, file, fields = {}) => ask('POST', path, formOf(file, fields)),
    }
  }
  return { app, deps, person }
}

const BOUNDARY = '----a-line-that-no-picture-holds'

/** A form as a browser sends it. */
export function formOf(
  { field, bytes, name = 'photo.jpg' }: { field: string; bytes: Buffer; name?: string },
  fields: Record<string, string>,
) {
  const texts = Object.entries(fields).map(
    ([key, value]) => `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: image/jpeg\r\n\r\n`
  return {
    payload: Buffer.concat([Buffer.from(texts.join('') + head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  }
}

/** A house that may be published as it stands. */
export const houseInfo = (facts: Partial<Record<keyof HouseInfoBody, unknown>> = {}): Record<string, unknown> => ({
  title: '槐树下的小院',
  price: 38_800,
  area_id: 1,
  address: '东城区北锣鼓巷 12 号',
  room_count: 2,
  acreage: 65,
  unit: '两室一厅',
  capacity: 4,
  beds: '双人床 2 张',
  deposit: 20_000,
  min_days: 1,
  max_days: 0,
  facility: [1, 3, 12],
  ...facts,
})
