import type { Api } from './client.ts'
import type { OrderStatusView } from './schemas/orders.ts'
import type { CommentBody, ReplyView, ReviewPhotoView } from './schemas/reviews.ts'

/** The part of the API for judging a stay; apart, since visitors need none of it. */
export const reviewsOf = ({ call }: Pick<Api, 'call'>) => ({
  write: (orderId: number, review: CommentBody) =>
    call<OrderStatusView>({ method: 'PUT', path: `/orders/${orderId}/comment`, json: review }),
  reply: (orderId: number, reply: string) =>
    call<ReplyView>({ method: 'PUT', path: `/orders/${orderId}/reply`, json: { reply } }),
  addPhoto: (orderId: number, photo: Blob) => {
    const parts = new FormData()
    parts.append('photo', photo, 'photo')
    return call<ReviewPhotoView>({ method: 'POST', path: `/orders/${orderId}/comment/photos`, parts })
  },
  removePhoto: (orderId: number, key: string) =>
    call<undefined>({ method: 'DELETE', path: `/orders/${orderId}/comment/photos/${key}` }),
})
