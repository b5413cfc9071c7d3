import { randomBytes } from 'node:crypto'
import { type OwnApp, openApps } from './apps.ts'
import { createCashier } from './cashier/cashier.ts'
import {
  type AppCertificates,
  appCertificates,
  certificateFiles,
  lazyCertificates,
} from './certificates/merchant-certificates.ts'
import { tlsIdentity } from './certificates/tls-identity.ts'
import { type ConsoleFacts, createConsole } from './console/console.ts'
import { createTestShop } from './console/test-shop.ts'
import { type Control, createControl, type PaymentView } from './control/control.ts'
import { controlHandler, isOurHost } from './control/http.ts'
import type { DeliveryView } from './control/views.ts'
import { openDataDir } from './data-dir.ts'
import type { NewAccount } from './engine/accounts.ts'
import { cashierPort } from './engine/cashier-port.ts'
import { Engine } from './engine/engine.ts'
import { memoryJournal } from './engine/journal.ts'
import type { Fault, FaultSpec } from './engine/model.ts'
import { encodeNotify } from './engine/notify-message.ts'
import { notifyTransport } from './engine/notify-transport.ts'
import type { Clock } from './engine/virtual-clock.ts'
import { appsOf, importedEvents, importIntoDataDir } from './keeping/data-transfer.ts'
import { publicPem, readPrivateKey, readPublicKey, type SandboxKeys, signText } from './keys.ts'
import { type Listeners, openListeners, type TlsView } from './listeners.ts'
import {
  type CertSdkConfig,
  certSdkConfigOf,
  type Merchant,
  merchantOf,
  type SdkConfig,
  sdkConfigOf,
} from './merchant.ts'
import { loadKeys, type MerchantFile, writeMerchantFiles } from './merchant-files.ts'
import type { PaymentWish } from './payments.ts'
import { checkSettings, type Settings } from './settings.ts'
import { createV3Gateway } from './v3/v3-gateway.ts'
import { type NotifyWish, waitForNotify } from './wait-for-notify.ts'
import { createGateway } from './wire/gateway.ts'
import type { Parts } from './wire/http-server.ts'
import { v1StringToSign } from './wire/string-to-sign.ts'

export interface SandboxOptions {
  /** Default 127.0.0.1. Any address that is not loopback needs `iKnowThisIsATestGateway`. */
  readonly host?: string
  /** Default 9021; 0 takes a free one. */
  readonly port?: number
  /** Where everything is kept. Without it, or with `memory`, nothing outlives the process. */
  readonly dataDir?: string
  readonly memory?: boolean
  /** Base of the virtual clock; the process clock by default. */
  readonly clock?: Clock
  readonly clockRate?: number
  /** Keys of a first start; a data directory that has keys keeps its own. */
  readonly keys?: SandboxKeys
  /** Id of the first app; a generated one by default. */
  readonly appId?: string
  /**
   * The merchant's own public key, SPKI as PEM or as one line of base64. The sandbox then never has the private key:
   * `merchant.appPrivateKey` is empty, and the SDK is given the merchant's own.
   */
  readonly appPublicKey?: string
  /** More apps with keys of their own; those that are missing are made at the start. */
  readonly apps?: readonly OwnApp[]
  readonly settings?: Partial<Settings>
  /** More accounts than the default ones, made at the first start. */
  readonly accounts?: readonly NewAccount[]
  /** Hosts that notifies may go to besides loopback and private addresses; `*` is everywhere. */
  readonly notifyAllow?: readonly string[]
  readonly allowReset?: boolean
  /** The bytes of an export to begin with; only without a data directory or with an empty one. */
  readonly importFrom?: Buffer
  /**
   * A second listener over TLS, for SDKs whose gateway address is a constant and a hosts-file entry. Its CA is good for
   * exactly these hosts (default localhost and the loopback addresses) and is never installed anywhere; port 0 takes a
   * free one.
   */
  readonly tls?: { readonly port: number; readonly hosts?: readonly string[] }
  readonly iKnowThisIsATestGateway?: boolean
  /** Bearer token of the control API; made up when one is needed and none is given. */
  readonly token?: string
  /** Told of defects; the caller of the gateway never is. */
  readonly onDefect?: (error: unknown) => void
}

export interface AlipaySandbox extends AsyncDisposable {
  /** `http://127.0.0.1:9021/gateway.do` */
  readonly gatewayUrl: string
  /** `http://127.0.0.1:9021` */
  readonly endpoint: string
  readonly merchant: Merchant
  /** Where the data directory holds the merchant's keys; absent in memory. */
  readonly files: MerchantFile | undefined
  readonly sdkConfig: SdkConfig
  /** The same app in certificate mode, which transfers need; both modes work side by side. */
  certSdkConfig(): Promise<CertSdkConfig>
  /** The certificates of an app, the merchant's own by default: for SDKs that are configured otherwise. */
  certificates(appId?: string): Promise<AppCertificates>
  /** The TLS listener, if one was asked for; a client has to trust `caCert` (PEM). */
  readonly tls: TlsView | undefined
  readonly control: Control
  /** Needed for the control API over HTTP when the sandbox listens beyond loopback. */
  readonly token: string | undefined
  /** Bytes of a torn last write that were cut off at this start. */
  readonly cutBytes: number
  readonly clock: {
    now(): Date
    /** Runs everything due on the way, each at its own virtual instant, and resolves when its deliveries are done. */
    advance(ms: number): Promise<void>
    set(to: Date): Promise<void>
    freeze(): Promise<void>
    setRate(rate: number): Promise<void>
    /** Does what is due now, for tests that move the base clock themselves. */
    settle(): Promise<void>
  }
  readonly faults: {
    list(): readonly Fault[]
    add(spec: FaultSpec): Promise<Fault>
    remove(id: string): Promise<void>
  }
  /** Pays without a browser. */
  pay(wish: PaymentWish): Promise<PaymentView>
  /** Resolves with the delivery, also one made before the call; rejects after the timeout. */
  waitForNotify(wish: NotifyWish): Promise<DeliveryView>
  /** The body of a notify with any fields, correctly signed by Alipay's key: for tests of what merchants must refuse. */
  signNotify(fields: Readonly<Record<string, string>>): Promise<string>
  stop(): Promise<void>
}

const TLS_HOSTS = ['localhost', '127.0.0.1', '::1']
/** Addresses that only this machine reaches. */
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

/** Starts an offline Alipay gateway. Several may run in one process. */
export async function startAlipaySandbox(options: SandboxOptions = {}): Promise<AlipaySandbox> {
  const host = options.host ?? '127.0.0.1'
  const exposed = !LOOPBACK.has(host)
  if (exposed && options.iKnowThisIsATestGateway !== true) {
    throw new Error(
      `${host} is not loopback: anyone who reaches it could pay with play money; confirm with --i-know-this-is-a-test-gateway`,
    )
  }
  if (options.token?.trim() === '') throw new Error('an empty token keeps no one out')
  const token = options.token ?? (exposed ? randomBytes(24).toString('base64url') : undefined)
  const settings = checkSettings({ ...options.settings })
  const onDefect = options.onDefect ?? ((error: unknown) => console.error('alipay-sandbox:', error))
  const dataDir = options.memory === true ? undefined : options.dataDir
  if (dataDir !== undefined && options.importFrom) {
    await importIntoDataDir(options.importFrom, dataDir, options.keys ? { keys: options.keys } : {})
  }
  const data = dataDir === undefined ? undefined : await openDataDir(dataDir)
  let engine: Engine | undefined
  let listeners: Listeners | undefined
  try {
    const tlsHosts = options.tls?.hosts ?? TLS_HOSTS
    const [keys, identity] = await Promise.all([
      loadKeys(dataDir, options.keys),
      options.tls ? tlsIdentity(tlsHosts, dataDir) : undefined,
    ])
    const alipayKey = readPrivateKey(keys.alipayPrivateKey)
    const appKey = readPrivateKey(keys.appPrivateKey)
    const running = new Engine({
      journal: data?.journal ?? memoryJournal,
      past: data?.past ?? (options.importFrom ? importedEvents(options.importFrom, keys) : []),
      baseClock: options.clock ?? { now: () => new Date() },
      alipayPrivateKey: alipayKey,
      transport: notifyTransport(options.notifyAllow ?? []),
      onDefect,
    })
    engine = running
    let app = openApps(running, options, publicPem(appKey))
    const certificates = lazyCertificates(running, keys, alipayKey)
    if (Object.keys(settings).length > 0) {
      running.store.commit({ type: 'settings_changed', at: running.settledNow(), patch: settings })
    }

    if (options.clockRate !== undefined) await running.scheduler.setRate(options.clockRate)

    const cashier = createCashier(cashierPort(running), { csrfSecret: randomBytes(32) })
    const gateway = createGateway(running, cashier.renderRefusal, certificates)
    const allowReset = options.allowReset === true || dataDir === undefined
    const control = createControl(running, gateway, {
      allowReset,
      certificates: async (named) => appCertificates(await certificates(), named),
      ownApps: () => appsOf(running.state, keys.appPrivateKey),
      async takeOver(file) {
        running.takeOver(importedEvents(file, keys))
        app = openApps(running, options, publicPem(appKey))
        await presentMerchant()
      },
    })
    const facts: { known?: ConsoleFacts } = {}
    const ownAppKey = publicPem(appKey) === app.publicKey
    const consolePages = createConsole({
      control,
      shop: createTestShop({
        appId: app.id,
        ...(ownAppKey && { appPrivateKey: appKey }),
        alipayPublicKey: readPublicKey(publicPem(alipayKey)),
        endpoint: () => facts.known?.endpoint ?? '',
        now: () => running.clock.now(),
      }),
      facts: () => {
        if (!facts.known) throw new Error('asked before the sandbox listened')
        return facts.known
      },
      ...(token !== undefined && { token }),
      isOurHost: (header) => isOurHost(header, host),
    })
    const parts: Parts = {
      gateway,
      v3: createV3Gateway(running, certificates, gateway.requests),
      cashier,
      bills: (query) => running.bills.download(query),
      console: (request) => consolePages.handle(request),
      control: controlHandler(control, { ...(token !== undefined && { token }), host }),
      durable: () => running.store.durable(),
      onDefect,
    }
    listeners = await openListeners(parts, {
      host,
      port: options.port ?? 9021,
      ...(identity && { tls: { port: options.tls?.port ?? 0, hosts: tlsHosts, identity } }),
    })
    const { endpoint, tls, close } = listeners
    const gatewayUrl = `${endpoint}/gateway.do`
    let merchant = merchantOf(app, keys, options.notifyAllow ?? [])
    let files: MerchantFile | undefined
    const presentMerchant = async () => {
      merchant = merchantOf(app, keys, options.notifyAllow ?? [])
      if (dataDir === undefined) return
      const certified = certificateFiles(running, await certificates())
      files = await writeMerchantFiles(dataDir, { ...merchant, gateway: gatewayUrl }, certified)
    }
    await presentMerchant()
    facts.known = {
      endpoint,
      gatewayUrl,
      appId: merchant.appId,
      sellerId: merchant.sellerId,
      alipayPublicKey: merchant.alipayPublicKey,
      files,
      allowReset,
    }
    await running.store.durable()
    running.scheduler.start()

    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= (async () => {
        await close()
        await running.stop()
        await data?.compact(running.state)
        await data?.release()
      })()
      return stopping
    }

    return {
      gatewayUrl,
      endpoint,
      // Asked for anew each time, because an import brings another merchant.
      get merchant() {
        return merchant
      },
      get files() {
        return files
      },
      get sdkConfig() {
        return sdkConfigOf(merchant, { endpoint, gatewayUrl })
      },
      async certSdkConfig() {
        return certSdkConfigOf(merchant, { endpoint, gatewayUrl }, await control.certificates(app.id))
      },
      certificates: (appId = app.id) => control.certificates(appId),
      tls,
      control,
      token,
      cutBytes: data?.cutBytes ?? 0,
      clock: {
        now: () => running.clock.now(),
        advance: async (ms) => void (await control.advance(ms)),
        set: async (to) => void (await control.setClock(to)),
        freeze: async () => void (await control.setClockRate(0)),
        setRate: async (rate) => void (await control.setClockRate(rate)),
        settle: () => running.scheduler.settle(),
      },
      faults: { list: control.faults, add: control.addFault, remove: control.removeFault },
      pay: control.pay,
      waitForNotify: (wish) => waitForNotify(running, wish),
      async signNotify(fields) {
        return encodeNotify({ ...fields, sign: await signText(alipayKey, v1StringToSign(fields)) })
      },
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await listeners?.close()
    await (engine ? engine.stop() : data?.journal.close())
    await data?.release()
    throw error
  }
}
