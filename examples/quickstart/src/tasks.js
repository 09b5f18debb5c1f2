import { randomUUID } from "node:crypto";
import { HttpError } from "./errors.js";

const tasks = new Map();

export function listTasks() {
  return [...tasks.values()];
}

export function addTask({ title } = {}) {
  if (typeof title !== "string" || title.trim() === "") {
    throw new HttpError(400, "A task needs a title.");
  }
  // TODO: forget old tasks, or memory fills up.
  const task = { id: randomUUID(), title };
  tasks.set(task.id, task);
  return task;
}

export function removeTask(id) {
  if (!tasks.delete(id)) throw new HttpError(404, "There is no such task.");
}
