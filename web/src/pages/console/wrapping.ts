import { isBoolean, stored } from "../../state/place/stored";

/** Whether long lines go on below. */
export const wrapsLines = stored("fairlead.console.wrap", true, isBoolean);
