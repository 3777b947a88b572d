import { isBoolean, stored } from "../../state/stored";

/** Whether long lines go on below. */
export const wrapsLines = stored("fairlead.console.wrap", true, isBoolean);
