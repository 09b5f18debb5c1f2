export default {
  llm: "checks",
  testMatch: ["semtests/**/*.spec.md"],
};
