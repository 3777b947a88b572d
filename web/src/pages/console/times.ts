import { preciseClock } from "../../state/format";
import { isBoolean, stored } from "../../state/place/stored";
import { app } from "../../state/run/app";
import { timeFormat } from "../../state/settings";

/** How the console writes times. */
export type TimeChoice = "local" | "utc" | "start";

/** Whether times count from the start of the run. */
const sinceStart = stored("fairlead.console.sinceStart", false, isBoolean);

/** How the console writes times now. */
export function timeChoice(): TimeChoice {
  return sinceStart.value ? "start" : timeFormat.value;
}

/** Write times otherwise. */
export function chooseTime(choice: TimeChoice): void {
  sinceStart.value = choice === "start";
  if (choice !== "start") timeFormat.value = choice;
}

/** A time as the console writes it. */
export function lineTime(seconds: number): string {
  return sinceStart.value ? sinceText(seconds - (app.value?.started ?? seconds)) : preciseClock(seconds);
}

/** A stretch of time as a clock: +0:03.114, +12:03.114, +1:12:03.114. */
export function sinceText(seconds: number): string {
  const ms = Math.round(Math.abs(seconds) * 1000);
  const minutes = Math.floor(ms / 60_000);
  const rest = `${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;
  const hours = Math.floor(minutes / 60);
  const clock = hours > 0 ? `${hours}:${String(minutes % 60).padStart(2, "0")}` : String(minutes);
  return `${seconds < 0 ? "−" : "+"}${clock}:${rest}`;
}
