import { sparkPath } from "./sparkPath";

/** The course of some values; the words beside it say the last one.
 * @param props.most The value at the upper edge, so that small values look small. */
export function Sparkline(props: {
  values: readonly number[];
  width?: number;
  height?: number;
  most?: number;
}) {
  const { width = 56, height = 18 } = props;
  const line = sparkPath(props.values, width, height, props.most);
  if (line === "") return null;
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`${line}L${width} ${height}L0 ${height}z`} class="area" />
      <path d={line} />
    </svg>
  );
}
