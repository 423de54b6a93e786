// SPDX-License-Identifier: GPL-2.0-or-later
// The viewer shows foreign names: nothing in it may read markup or make code of text.
const markup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc", "setHTMLUnsafe", "parseFromString"];

export default [
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-shadow-restricted-names": "error",
      "no-unused-vars": "error",
      "no-var": "error",
      "prefer-const": "error",
      complexity: ["error", 20],
      "max-depth": ["error", 3],
      "max-lines": ["error", 400],
      "max-lines-per-function": ["error", 60],
      "no-restricted-properties": ["error", ...markup.map((property) => ({ property })), { object: "document", property: "write" }],
      "no-restricted-globals": ["error", "fetch", "XMLHttpRequest", "WebSocket", "EventSource"],
    },
  },
];
