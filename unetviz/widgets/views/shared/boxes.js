// Tables of boxes: which part of each map belongs to a pixel. Rows and columns are looked up apart.
// A table holds the first number and, as characters from "0" on, by how much each next one is larger;
// "(10*24)" stands for 24 times "10".
function boxesOf(reach) {
  if (!reach.rows) return () => null;
  const sums = reach.steps.map((short) => {
    const text = short.replace(/\(([^*]*)\*(\d+)\)/g, (_, part, times) => part.repeat(times));
    const list = new Int32Array(text.length + 1);
    for (let i = 0; i < text.length; i++) list[i + 1] = list[i] + text.charCodeAt(i) - 48;
    return list;
  });
  const rows = reach.rows;
  const columns = reach.columns || rows;
  const span = ([low, lowSteps, high, highSteps], i) => [
    low + sums[lowSteps][i],
    high + sums[highSteps][i],
  ];
  return (name, [row, column]) => {
    if (!(name in rows)) return null;
    const [top, bottom] = span(rows[name], row);
    const [left, right] = span(columns[name], column);
    return bottom > top && right > left ? { top, left, bottom, right } : null;
  };
}

const SVG = "http://www.w3.org/2000/svg";

function made(tag, attributes, parent, namespace) {
  const node = namespace ? document.createElementNS(namespace, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (parent) parent.appendChild(node);
  return node;
}
