// SPDX-License-Identifier: GPL-3.0-or-later
// What h5wasm, HDF5 in a browser or under Node, reads of a result: one line of JSON. languages.py compares it.
import h5wasm from "h5wasm/node";

const path = process.argv[2];
await h5wasm.ready;
const file = new h5wasm.File(path, "r");
const values = file.get("summary/energy/quantile_value");
console.log(JSON.stringify({
    values: Array.from(values.value),
    units: [values.attrs.units.value],
    inputs: file.get("inputs/input").value,
    meanings: [file.get("prior/hours_route").attrs.flag_meanings.value],
    routes: Array.from(file.get("prior/hours_route").slice([[0, 1], [0, 20]])),
    draws: Array.from(file.get("prior_predictive/energy").slice([[0, 1], [0, 20]])),
}));
file.close();
