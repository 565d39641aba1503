// Node's `ws`. Prints what it heard as one object. (OpenAI's SDK for Node speaks wss:// only.)
import WebSocket from "ws";

const { BASE, KEY } = process.env;
const said = {};
const ws = BASE.replace("http:", "ws:");

await new Promise((resolve, reject) => {
  // as a web page has to: the key as a subprotocol
  const socket = new WebSocket(`${ws}/v1/realtime?model=auto`, ["realtime", `openai-insecure-api-key.${KEY}`]);
  let text = "";
  socket.on("error", reject);
  socket.on("open", () => {
    said.subprotocol = socket.protocol;
    socket.send(JSON.stringify({ type: "response.create" }));
  });
  socket.on("message", (data) => {
    const event = JSON.parse(data);
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.done") {
      said.ws = text;
      socket.send(JSON.stringify({ type: "test.close", code: 4001, reason: "done" }));
    }
  });
  socket.on("close", (code, reason) => {
    said.close = [code, String(reason)];
    resolve();
  });
});

await new Promise((resolve, reject) => {
  const socket = new WebSocket(`${ws}/v1/responses`, { headers: { Authorization: `Bearer ${KEY}` } });
  socket.on("error", reject);
  socket.on("open", () => socket.send(JSON.stringify({ type: "response.create", model: "auto", input: "Zwölf 🥊" })));
  socket.on("message", (data) => {
    const event = JSON.parse(data);
    if (event.type !== "response.completed") return;
    said.responses = event.response.usage.total_tokens;
    socket.close();
    resolve();
  });
});

await new Promise((resolve) => {
  const socket = new WebSocket(`${ws}/v1/realtime?model=auto`, { headers: { Authorization: "Bearer wrong" } });
  socket.on("unexpected-response", (request, response) => {
    said.refused = response.statusCode;
    resolve();
  });
});

console.log(JSON.stringify(said));
process.exit(0);
