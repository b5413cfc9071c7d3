import type { zhHelp } from './zh-help.ts'

/** The English of `zhHelp`. */
export const enHelp = {
  'help.title': 'Help',
  'help.intro': 'Common questions. Every answer is what the site does today.',
  'help.booking': 'Booking',
  'help.request': 'What happens after I send a request?',
  'help.request_answer':
    'The dates are held for you. The host answers before the time that your order names, and you pay after that. Without an answer the order is cancelled by itself and costs nothing.',
  'help.instant': 'What is instant booking?',
  'help.instant_answer':
    'The host need not answer each request. You pay as soon as you have sent the order, and once it is paid the home is yours.',
  'help.people': 'How do I change dates or the number of people?',
  'help.people_answer':
    'An order cannot be changed. Before you have paid, cancel it and book again. Afterwards the cancellation rule applies.',
  'help.money': 'Payments and refunds',
  'help.pay': 'How do I pay?',
  'help.pay_answer':
    'With Alipay. Inside WeChat you are shown how to go on in a browser. What counts is the state of your order. While no result has come, we keep asking for it.',
  'help.cancel': 'How much do I get back when I cancel?',
  'help.cancel_answer':
    'It depends on the rule the host chose. Flexible: everything until 24 hours before check-in. Standard: everything until 72 hours, half until 24 hours. Strict: everything until 7 days, half until 72 hours. Nothing after that. The home and every order name the dates and amounts. If the host cancels, you get everything back.',
  'help.refund': 'Where does a refund go?',
  'help.refund_answer': 'Back to the Alipay account that paid. The page of your order shows how far it is.',
  'help.deposit': 'How do I pay the deposit?',
  'help.deposit_answer':
    'To the host when you check in. It is not part of the total and does not pass through this site.',
  'help.hosting': 'Hosting',
  'help.publish': 'How do I publish a home?',
  'help.publish_answer':
    'Verify your identity first, then fill in the steps under “My homes”. Every step is saved as you go.',
  'help.earnings': 'When can my earnings be settled?',
  'help.earnings_answer':
    'After the guest has left, the money of the order becomes due under “Earnings”, where fees and net amounts are listed for each order.',
  'help.account': 'Account and privacy',
  'help.data': 'Who sees my phone number and ID?',
  'help.data_answer':
    'Your phone number goes to the other side of an order once it is paid. ID details are kept encrypted, and pages show only a part of them.',
  'help.delete': 'How do I delete my account?',
  'help.delete_answer':
    'At the end of your profile. You can do it while no order and no refund is open. Your name, picture and saved homes are deleted with it.',
} satisfies Record<keyof typeof zhHelp, string>
