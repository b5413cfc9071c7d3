export { AppMismatch, type OwnApp } from './apps.ts'
export type { BillView, BillWish } from './bills/bill-view.ts'
export type { AppCertificates } from './certificates/merchant-certificates.ts'
export { BadTlsHost } from './certificates/tls-identity.ts'
export type {
  ClockView,
  Control,
  DeliveryFilter,
  PaymentView,
  RequestFilter,
  StateView,
  TradeFilter,
  TransferFilter,
} from './control/control.ts'
export type { ToldEvent } from './control/event-feed.ts'
export type {
  AccountView,
  AppView,
  CheckoutSummary,
  DeliveryView,
  NotifyView,
  RefundView,
  RequestView,
  TradeView,
} from './control/views.ts'
export { DirectoryInUse } from './directory-lock.ts'
export type { NewAccount, NewApp } from './engine/accounts.ts'
export { FAULTS, type FaultKind, type FaultPhase } from './engine/fault-kinds.ts'
export { BadFault } from './engine/faults.ts'
export { ActRefused, type ConsoleRefund } from './engine/forced-acts.ts'
export { JournalDamaged } from './engine/journal.ts'
export type { Fault, FaultSpec, TradeStatus } from './engine/model.ts'
export type { Clock } from './engine/virtual-clock.ts'
export { exportDataDir, type ImportKeys, importIntoDataDir } from './keeping/data-transfer.ts'
export { BadExport } from './keeping/export-file.ts'
export { ImportRefused } from './keeping/import-refused.ts'
export { generateKeys, type SandboxKeys } from './keys.ts'
export type { TlsView } from './listeners.ts'
export type { CertSdkConfig, Merchant, SdkConfig } from './merchant.ts'
export { type PaymentOutcome, PaymentRefused, type PaymentWish } from './payments.ts'
export { type AlipaySandbox, type SandboxOptions, startAlipaySandbox } from './sandbox.ts'
export { DEFAULT_SETTINGS, type Settings } from './settings.ts'
export type { ReceiveOutcome, ReceiveRule, TransferStatus } from './transfers/transfer.ts'
export type { ReceiveRuleView, TransferView } from './transfers/transfer-view.ts'
export type { NotifyWish } from './wait-for-notify.ts'
export type { SignatureCause } from './wire/signature-causes.ts'
export type { SignatureHelp } from './wire/signature-helper.ts'
