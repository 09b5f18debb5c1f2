import { createServer } from "node:http";
import { HttpError, sendError } from "./errors.js";
import { addTask, listTasks, removeTask } from "./tasks.js";

const LARGEST_BODY = 10_000;

async function readJson(request) {
  let body = "";
  for await (const chunk of request) {
    body += chunk;
    if (body.length > LARGEST_BODY) throw new HttpError(413, "The body is too large.");
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new HttpError(400, "The body is not JSON.");
  }
}

function send(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function handle(request, response) {
  const [, collection, id] = request.url.split("/");
  if (collection !== "tasks") throw new HttpError(404, "There is nothing here.");

  if (request.method === "GET" && !id) return send(response, 200, listTasks());
  if (request.method === "POST" && !id) {
    return send(response, 201, addTask(await readJson(request)));
  }
  if (request.method === "DELETE" && id) {
    removeTask(id);
    return response.writeHead(204).end();
  }
  throw new HttpError(405, "This can't be done here.");
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => sendError(response, error));
});
server.listen(process.env.PORT ?? 3000);
