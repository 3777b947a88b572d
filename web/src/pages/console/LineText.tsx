import { type Piece, piecesOf, shortened } from "./text/pieces";
import { type Query, rangesIn } from "./text/query";

function styleOf({ colour, background }: Piece): Record<string, string> | undefined {
  if (!colour && !background) return undefined;
  return {
    ...(colour && { "--hue": `${colour.hue}`, "--chroma": `${Math.min(colour.chroma, 0.16)}` }),
    ...(background && { "--bhue": `${background.hue}`, "--bchroma": `${Math.min(background.chroma, 0.07)}` }),
  };
}

function PieceText({ piece }: { piece: Piece }) {
  if (piece.hidden) {
    return (
      <span class="hiddenchar" title="A character that would change how the line is drawn">
        {piece.text}
      </span>
    );
  }
  if (piece.classes === "") return piece.marked ? <mark>{piece.text}</mark> : <span>{piece.text}</span>;
  const style = styleOf(piece);
  return piece.marked ? (
    <mark class={piece.classes} style={style}>
      {piece.text}
    </mark>
  ) : (
    <span class={piece.classes} style={style}>
      {piece.text}
    </span>
  );
}

/** The text of a line in its colours, with what is searched for marked. */
export function LineText({ text, query, isWhole }: { text: string; query: Query; isWhole: boolean }) {
  const pieces = piecesOf(isWhole ? text : shortened(text), (plain) => rangesIn(plain, query));
  return (
    <>
      {pieces.map((piece, at) => (
        <PieceText key={at} piece={piece} />
      ))}
    </>
  );
}
