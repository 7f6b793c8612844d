// SPDX-License-Identifier: GPL-3.0-or-later
// What h5wasm, HDF5 in a browser or under Node, reads: h5wasm.mjs FILE PATH..., one line of JSON by path of a variable.
// languages.py compares it.
import h5wasm from "h5wasm/node";

const [path, ...variables] = process.argv.slice(2);
await h5wasm.ready;
const file = new h5wasm.File(path, "r");
const read = {};
for (const name of variables) {
    const variable = file.get(name);
    const text = (attribute) => attribute in variable.attrs ? variable.attrs[attribute].value : null;
    const scale = (axis) => file.get(variable.get_attached_scales(axis)[0]).attrs.NAME.value;
    read[name] = {
        values: Array.from(variable.value, (value) => typeof value === "bigint" ? value.toString() : value),
        units: text("units"), label: text("unit_label"), meanings: text("flag_meanings"),
        axes: text("CLASS") === "DIMENSION_SCALE" ? [name.split("/").at(-1)] : variable.shape.map((_, axis) => scale(axis)),
    };
}
console.log(JSON.stringify(read, (_, value) => Number.isNaN(value) ? "NaN" : value));
file.close();
