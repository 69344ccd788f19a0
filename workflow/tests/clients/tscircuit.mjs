// Renders a circuit with tscircuit's whole engine as browsers run it, its parts engine asking the
// address that is given. Prints one JSON object: what it asked, and the circuit's components.
//
//     node tscircuit.mjs NODE_MODULES ADDRESS CIRCUIT.tsx
//
// Nothing but loopback is reached: any other address is refused, and listed.
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { MessageChannel } from "node:worker_threads"

const [modules, address, circuit] = process.argv.slice(2)
const asked = []
const refused = []
const fetchAnything = globalThis.fetch
globalThis.fetch = async (input, options) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (url.hostname !== "127.0.0.1") {
    refused.push(url.hostname)
    throw new Error(`${url.hostname}: not reached here`)
  }
  const response = await fetchAnything(input, options)
  asked.push([url.pathname + url.search, response.status])
  return response
}

// The engine is a web worker that is talked to by Comlink's messages.
const { port1: worker, port2: client } = new MessageChannel()
globalThis.self = globalThis
globalThis.addEventListener = (type, listener) => worker.addEventListener(type, listener)
globalThis.removeEventListener = (type, listener) => worker.removeEventListener(type, listener)
globalThis.postMessage = (message, transfer) => worker.postMessage(message, transfer)
await import(pathToFileURL(`${modules}/@tscircuit/eval/dist/webworker/entrypoint.js`))
worker.start()
client.start()

let calls = 0
const call = (name, ...values) =>
  new Promise((resolve, reject) => {
    const id = String(++calls)
    const listen = ({ data }) => {
      if (data.id !== id) return
      client.removeEventListener("message", listen)
      if (data.type === "HANDLER") reject(new Error(JSON.stringify(data.value)))
      else resolve(data.value)
    }
    client.addEventListener("message", listen)
    const argumentList = values.map((value) => ({ type: "RAW", value }))
    client.postMessage({ id, type: "APPLY", path: [name], argumentList })
  })

await call("setPartsEngineOptions", { jlcSearchBaseUrl: address })
await call("execute", readFileSync(circuit, "utf8"))
await call("renderUntilSettled")
const elements = await call("getCircuitJson")

const components = elements.filter((each) => each.type === "source_component")

// Stock and price, by the same parts engine in the form that Node programs import.
const platform = `${modules}/@tscircuit/eval/dist/platform-config/getPlatformConfig.js`
const { getPlatformConfig } = await import(pathToFileURL(platform))
const { partsEngine } = getPlatformConfig({}, { partsEngineOptions: { jlcSearchBaseUrl: address } })
const availability = {}
for (const { supplier_part_numbers: numbers } of components) {
  for (const supplierPartNumber of numbers?.jlcpcb ?? []) {
    const request = { supplierName: "jlcpcb", supplierPartNumber }
    availability[supplierPartNumber] = await partsEngine.fetchPartAvailability(request)
  }
}
console.log(JSON.stringify({ asked, refused, components, availability }))
process.exit(0)
