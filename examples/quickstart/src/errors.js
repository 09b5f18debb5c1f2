/** An error that the client may read. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Answers with JSON. Errors of our own making keep their details to themselves. */
export function sendError(response, error) {
  const expected = error instanceof HttpError;
  const status = expected ? error.status : 500;
  const message = expected ? error.message : "Something went wrong on our side.";
  if (!expected) console.error(error);

  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ message }));
}
