// Writes small GeoTIFF files: one band of float32 or bytes on longitude and latitude, uncompressed.
//
//   geotiff({ west: 121.5, north: 30.1, step: 0.001, width: 40, height: 30, pixel: (x, y) => 290 })
const TYPES = { short: [3, 2], long: [4, 4], double: [12, 8], ascii: [2, 1] };

export function geotiff({ west, north, step, width, height, pixel, kind = 'float', description }) {
  const size = kind === 'float' ? 4 : 1;
  const data = Buffer.alloc(width * height * size);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * size;
      if (kind === 'float') data.writeFloatLE(pixel(x, y), at);
      else data.writeUInt8(pixel(x, y), at);
    }
  }
  const xml = description
    ? `<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">${description}</Item></GDALMetadata>\0` : '';
  const tags = [
    [256, 'long', [width]], [257, 'long', [height]], [258, 'short', [size * 8]], [259, 'short', [1]],
    [262, 'short', [1]], [273, 'long', [0]], [277, 'short', [1]], [278, 'long', [height]],
    [279, 'long', [data.length]], [339, 'short', [kind === 'float' ? 3 : 1]],
    [33550, 'double', [step, step, 0]], [33922, 'double', [0, 0, 0, west, north, 0]],
    [34735, 'short', [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326]],
    ...(xml ? [[42112, 'ascii', [...Buffer.from(xml)]]] : []),
  ];
  const head = 8, table = 2 + tags.length * 12 + 4;
  const extra = [];
  let end = head + table;
  const entries = Buffer.alloc(table);
  entries.writeUInt16LE(tags.length, 0);
  const spots = tags.map(([id, type, values], i) => {
    const [code, bytes] = TYPES[type];
    const at = 2 + i * 12;
    entries.writeUInt16LE(id, at);
    entries.writeUInt16LE(code, at + 2);
    entries.writeUInt32LE(values.length, at + 4);
    const body = Buffer.alloc(values.length * bytes);
    values.forEach((value, k) => {
      if (type === 'short') body.writeUInt16LE(value, k * 2);
      else if (type === 'long') body.writeUInt32LE(value, k * 4);
      else if (type === 'double') body.writeDoubleLE(value, k * 8);
      else body.writeUInt8(value, k);
    });
    if (body.length <= 4) body.copy(entries, at + 8);
    else {
      entries.writeUInt32LE(end, at + 8);
      extra.push(body);
      end += body.length;
    }
    return [id, at + 8];
  });
  entries.writeUInt32LE(end, spots.find(([id]) => id === 273)[1]);
  const header = Buffer.from([0x49, 0x49, 42, 0, head, 0, 0, 0]);
  return Buffer.concat([header, entries, ...extra, data]);
}

// A form of several files.
export function form(files) {
  const boundary = 'kuailian-test-boundary';
  const parts = files.flatMap(([name, bytes]) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n`
      + 'Content-Type: application/octet-stream\r\n\r\n'), bytes, Buffer.from('\r\n')]);
  return { body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}
