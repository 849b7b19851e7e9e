// Choices that show something in one click. What a preset does not name is as `USUAL` has it.

/** The values of the form's fields; `headers` are its lines. */
export const USUAL = {
  target: "second",
  method: "GET",
  headers: [],
  body: "none",
  credentials: false,
  upload: false,
  acao: "asked",
  acac: "",
  acam: "asked",
  acah: "asked",
  preflight: "204",
  acma: "",
  aceh: "",
};

const SILENT = { acao: "", acac: "", acam: "", acah: "" };

export const PRESETS = [
  { name: "Simple GET" },
  { name: "JSON POST", method: "POST", body: "json" },
  { name: "Bearer token", headers: [["Authorization", "Bearer a-token"]] },
  { name: "Cookies with *", credentials: true, acao: "*", acac: "true" },
  { name: "Preflight refused", method: "DELETE", preflight: "405" },
  { name: "Server without CORS", ...SILENT },
  { name: "No such host", target: "typed", url: "http://nobody.invalid/" },
];
