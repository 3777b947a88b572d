import type { ComponentChildren } from "preact";
import { Button } from "../components/Button";
import { Dialog } from "../components/overlays/Dialog";
import { Segmented } from "../components/Segmented";
import { closeOverlay } from "../state/overlays";
import { density, singleKeys, theme, timeFormat } from "../state/settings";

function Setting({ name, text, children }: { name: string; text: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <div>
        <b>{name}</b>
        <p>{text}</p>
      </div>
      {children}
    </div>
  );
}

/** What this browser remembers of how the page is to be. */
export function Settings() {
  return (
    <Dialog label="Settings" class="sheet" onClose={closeOverlay}>
      <header>
        <h2>Settings</h2>
        <Button label="Close" icon="close" iconOnly look="ghost" small onClick={closeOverlay} />
      </header>
      <Setting name="Theme" text="Light, dark, or as the system has it.">
        <Segmented
          label="Theme"
          value={theme.value}
          segments={[
            { value: "system", label: "System" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
          onChange={(value) => {
            theme.value = value;
          }}
        />
      </Setting>
      <Setting name="Times" text="Of this machine, or of Greenwich.">
        <Segmented
          label="Times"
          value={timeFormat.value}
          segments={[
            { value: "local", label: "Local" },
            { value: "utc", label: "UTC" },
          ]}
          onChange={(value) => {
            timeFormat.value = value;
          }}
        />
      </Setting>
      <Setting name="Density" text="How high the rows of tables are.">
        <Segmented
          label="Density"
          value={density.value}
          segments={[
            { value: "compact", label: "Compact" },
            { value: "roomy", label: "Roomy" },
          ]}
          onChange={(value) => {
            density.value = value;
          }}
        />
      </Setting>
      <Setting name="Single keys" text="Letters such as r for restart. Every action also has a button.">
        <Segmented
          label="Single keys"
          value={singleKeys.value ? "on" : "off"}
          segments={[
            { value: "on", label: "On" },
            { value: "off", label: "Off" },
          ]}
          onChange={(value) => {
            singleKeys.value = value === "on";
          }}
        />
      </Setting>
    </Dialog>
  );
}
