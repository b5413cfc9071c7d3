import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export interface GaugeReading {
  readonly name: string
  readonly help: string
  /** Asked at every scrape. One that throws leaves its gauge out of that scrape. */
  read(): number | Promise<number>
}

/** One gauge with a value for each of several things, told apart by one label. */
export interface LabelledReading {
  readonly name: string
  readonly help: string
  readonly label: string
  /** Like `read`. What it leaves out is not shown at all, so `absent()` can tell that nothing is known. */
  readAll(): ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>>
}

export type Reading = GaugeReading | LabelledReading

export interface Metrics {
  readonly registry: Registry
  addGauges(readings: readonly Reading[]): void
  /** A counter by name; `labels` are fixed at the first call. */
  counter(name: string, help: string, labels?: readonly string[]): Counter
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    addGauges(readings) {
      for (const reading of readings) {
        const { name, help } = reading
        const gauge: Gauge = new Gauge({
          name,
          help,
          labelNames: 'label' in reading ? [reading.label] : [],
          registers: [registry],
          async collect() {
            try {
              if ('label' in reading) {
                const values = await reading.readAll()
                gauge.reset()
                for (const [value, number] of values) gauge.set({ [reading.label]: value }, number)
              } else gauge.set(await reading.read())
            } catch {
              // The scrape goes on; `up` of the other gauges tells that the process lives while this one cannot be read.
              if ('label' in reading) gauge.reset()
              else gauge.remove()
            }
          },
        })
      }
    },
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
  }
}

export interface MetricsServer {
  readonly port: number
  stop(): Promise<void>
}

/** Answers `GET /metrics` on a port of its own, which the public one never shows. */
export async function serveMetrics(metrics: Metrics, port: number, host: string): Promise<MetricsServer> {
  const server = http.createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    try {
      const text = await metrics.registry.metrics()
      response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text)
    } catch {
      response.writeHead(500).end()
    }
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
