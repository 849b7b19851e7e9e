// The server's two origins: this page's own, and the other, whose name is written into the texts.
import { http } from "./pkg/pagewire.js";

export const origins = await (await http.get("/origins")).json();

for (const place of document.querySelectorAll("[data-second]")) place.textContent = origins.second;
