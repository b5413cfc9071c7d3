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

export interface Metrics {
  readonly registry: Registry
  addGauges(readings: readonly GaugeReading[]): void
  /** A counter by name; `labels` are fixed at the first call. */
  counter(name: string, help: string, labels?: readonly string[]): Counter
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    addGauges(readings) {
      for (const { name, help, read } of readings) {
        const gauge: Gauge = new Gauge({
          name,
          help,
          registers: [registry],
          async collect() {
            try {
              gauge.set(await read())
            } catch {
              // The scrape goes on; `up` of the other gauges tells that the process lives while this one cannot be read.
              gauge.remove()
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
