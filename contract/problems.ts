/** One kind of "no": the old program's RET code, the HTTP status, and whether trying again later may help. */
interface ProblemRow {
  readonly errno: string
  readonly status: number
}

const row = (errno: string, status: number): ProblemRow => ({ errno, status })

/** Every "no" the API can give (product.md 2.3). Clients decide by the name, never by a text. */
export const PROBLEMS = {
  database_unavailable: row('4001', 503),
  not_found: row('4002', 404),
  house_not_found: row('4002', 404),
  area_not_found: row('4002', 404),
  order_not_found: row('4002', 404),
  payment_not_found: row('4002', 404),
  sms_code_expired: row('4002', 422),
  phone_taken: row('4003', 409),
  name_taken: row('4003', 409),
  id_card_taken: row('4003', 409),
  already_verified: row('4003', 409),
  captcha_expired: row('4004', 422),
  captcha_wrong: row('4004', 422),
  sms_code_wrong: row('4004', 422),
  login_failed: row('4004', 401),
  dates_taken: row('4004', 409),
  price_changed: row('4004', 409),
  signature_invalid: row('4004', 400),
  payment_mismatch: row('4004', 409),
  pay_way_taken: row('4201', 409),
  sign_in_needed: row('4101', 401),
  input_invalid: row('4103', 400),
  dates_invalid: row('4103', 422),
  stay_too_short: row('4103', 422),
  stay_too_long: row('4103', 422),
  too_many_guests: row('4103', 422),
  body_too_large: row('4103', 413),
  media_type_unsupported: row('4103', 415),
  idempotency_key_reused: row('4103', 422),
  file_invalid: row('4103', 422),
  not_verified: row('4104', 403),
  own_house: row('4105', 403),
  not_house_owner: row('4105', 403),
  role_refused: row('4105', 403),
  csrf_invalid: row('4201', 403),
  login_locked: row('4201', 429),
  captcha_required: row('4201', 403),
  second_factor_needed: row('4201', 403),
  second_factor_wrong: row('4004', 422),
  sms_too_soon: row('4201', 429),
  sms_limit_reached: row('4201', 429),
  step_up_needed: row('4201', 403),
  account_in_use: row('4201', 409),
  rate_limited: row('4201', 429),
  step_refused: row('4201', 409),
  too_many_open_orders: row('4201', 409),
  too_many_favourites: row('4201', 409),
  request_in_flight: row('4201', 409),
  method_not_allowed: row('4201', 405),
  gateway_unavailable: row('4301', 503),
  storage_unavailable: row('4301', 503),
  overloaded: row('4500', 503),
  internal_error: row('4500', 500),
} as const satisfies Record<string, ProblemRow>

export type Problem = keyof typeof PROBLEMS

/** The texts of the RET codes, as the old program's clients know them (product.md 2.2). */
export const RET_TEXTS: Readonly<Record<string, string>> = {
  '0': '成功',
  '4001': '数据库查询错误',
  '4002': '无数据',
  '4003': '数据已存在',
  '4004': '数据错误',
  '4101': '用户未登录',
  '4103': '参数错误',
  '4104': '用户不存在或未激活',
  '4105': '用户身份错误',
  '4201': '非法请求或请求次数受限',
  '4301': '第三方系统错误',
  '4500': '内部错误',
  '4501': '未知错误',
}
