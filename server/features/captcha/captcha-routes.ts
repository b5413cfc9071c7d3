import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { CaptchaParams, CaptchaQuery, CaptchaView } from '@ihome/contract/schemas/accounts'
import type { Deps } from '../../platform/deps.ts'
import { makeCaptcha, showCaptcha } from './captchas.ts'

const tags = ['accounts']

export const captchaRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.post(
    '/image_codes',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        operationId: 'makeCaptcha',
        summary: 'A new captcha: a picture, or a sum for who cannot see it; good for one check within 180 s',
        querystring: CaptchaQuery,
        response: { 201: CaptchaView },
      },
    },
    async (request, reply) => {
      const { id, question } = await makeCaptcha(deps, request.query.kind ?? 'picture', request.ip)
      reply.code(201)
      const numbers = question && [...question.numbers]
      return { image_code_id: id, ...(question && numbers ? { question: { ...question, numbers } } : {}) }
    },
  )

  app.get(
    '/image_codes/:image_code_id',
    {
      config: { access: 'anyone', envelope: false, stateless: true },
      schema: {
        tags,
        operationId: 'showCaptcha',
        summary: 'The picture of a captcha',
        params: CaptchaParams,
        produces: ['image/png'],
      },
    },
    async (request, reply) => {
      const picture = await showCaptcha(deps, request.params.image_code_id)
      return reply.header('cache-control', 'no-store').type('image/png').send(picture)
    },
  )
}
