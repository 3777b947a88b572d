import { sparkPath } from "./sparkPath";

/** The course of some values; the words beside it say the last one.
 * @param props.most The value at the upper edge, so that small values look small.
 * @param props.slots How many values fill the width. */
export function Sparkline(props: {
  values: readonly number[];
  width?: number;
  height?: number;
  most?: number;
  slots?: number;
}) {
  const { width = 56, height = 18 } = props;
  const line = sparkPath(props.values, width, height, props.most, props.slots);
  if (line === "") return null;
  const start = line.slice(1, line.indexOf(" "));
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`${line}L${width} ${height}L${start} ${height}z`} class="area" />
      <path d={line} />
    </svg>
  );
}
