import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { makeQueryClient } from "./api/queries";
import { press } from "./keyboard/keys";
import { LiveProvider } from "./live/LiveProvider";
import { router } from "./router";
import { applyTheme } from "./shell/theme";

applyTheme();
window.addEventListener("keydown", (event) => press(event));

const place = document.getElementById("app");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={makeQueryClient()}>
        <LiveProvider>
          <RouterProvider router={router} />
        </LiveProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
