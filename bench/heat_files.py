"""Rasters and zones that the heat benchmarks are run on, written with nothing but the standard library."""
import json
import math
import os
import struct
import subprocess
import sys
import zlib

TILE = 512
PIXEL_M = 30.0
LEFT, TOP = 400000.0, 4400000.0
EPSG = 32650


def field(tag, kind, values):
    """One entry of a TIFF directory: its packed values are placed later."""
    codes = {2: 's', 3: 'H', 4: 'I', 12: 'd'}
    return tag, kind, len(values), struct.pack(f'<{len(values)}{codes[kind]}', *values)


def write_directory(out, fields):
    begin = out.tell() + out.tell() % 2
    rest = begin + 2 + 12 * len(fields) + 4
    entries, behind = b'', b''
    for tag, kind, count, data in sorted(fields):
        if len(data) <= 4:
            place = data.ljust(4, b'\0')
        else:
            place = struct.pack('<I', rest + len(behind))
            behind += data + b'\0' * (len(data) % 2)
        entries += struct.pack('<HHI', tag, kind, count) + place
    out.seek(begin)
    out.write(struct.pack('<H', len(fields)) + entries + struct.pack('<I', 0) + behind)
    out.seek(4)
    out.write(struct.pack('<I', begin))


def raster(program, folder, side):
    """A square float32 GeoTIFF in kelvin: DEFLATE, tiles of 512, UTM. Made once."""
    path = os.path.join(folder, f'kelvin-{side}.tif')
    if os.path.exists(path):
        return path
    source = subprocess.Popen([program, 'pixels', str(side), str(side), str(TILE)], stdout=subprocess.PIPE)
    offsets, sizes = [], []
    with open(path + '.part', 'wb') as out:
        out.write(b'II*\0\0\0\0\0')
        for _ in range((side // TILE) ** 2):
            data = zlib.compress(source.stdout.read(TILE * TILE * 4), 6)
            offsets.append(out.tell())
            sizes.append(len(data))
            out.write(data)
        write_directory(out, [
            field(256, 3, [side]), field(257, 3, [side]), field(258, 3, [32]), field(259, 3, [8]),
            field(262, 3, [1]), field(277, 3, [1]), field(322, 3, [TILE]), field(323, 3, [TILE]),
            field(324, 4, offsets), field(325, 4, sizes), field(339, 3, [3]),
            field(33550, 12, [PIXEL_M, PIXEL_M, 0]), field(33922, 12, [0, 0, 0, LEFT, TOP, 0]),
            field(34735, 3, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, EPSG])])
    source.wait()
    os.rename(path + '.part', path)
    return path


def hexagon(x, y, radius):
    """Clockwise from the top, closed."""
    turns = [math.pi / 2 - math.pi / 3 * i for i in range(6)]
    ring = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turns]
    return ring + ring[:1]


def centres(side, radius):
    step_x, step_y, row, y = radius * math.sqrt(3), radius * 1.5, 0, radius / 2
    while y < side:
        x = step_x / 2 if row % 2 else step_x / 4
        while x < side:
            yield x, y
            x += step_x
        y += step_y
        row += 1


def hexagons(side, count):
    """`count` hexagons that cover a square of this side, in metres of the map."""
    radius = math.sqrt(2 * side * side / count / (3 * math.sqrt(3)))
    while sum(1 for _ in centres(side, radius)) < count:
        radius *= 0.9995
    places = list(centres(side, radius))[:count]
    return [[hexagon(LEFT + x * PIXEL_M, TOP - y * PIXEL_M, radius * PIXEL_M)] for x, y in places]


def write_geojson(path, zones, epsg):
    """Zones are lists of rings, the outer one first and clockwise."""
    with open(path, 'w', encoding='utf-8') as out:
        out.write('{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:%d"}},"features":[' % epsg)
        for i, rings in enumerate(zones):
            shape = {'type': 'Feature', 'properties': {'zone': i}, 'geometry': {'type': 'Polygon', 'coordinates': rings}}
            out.write((',\n' if i else '\n') + json.dumps(shape, separators=(',', ':')))
        out.write(']}')


def box_of(points):
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def shape_record(rings):
    points = [point for ring in rings for point in ring]
    starts, at = [], 0
    for ring in rings:
        starts.append(at)
        at += len(ring)
    return (struct.pack('<i4d2i', 5, *box_of(points), len(rings), len(points)) + struct.pack(f'<{len(rings)}i', *starts)
            + b''.join(struct.pack('<2d', *point) for point in points))


def write_shapes(path, zones):
    """An ESRI shapefile (.shp, .shx, .dbf) with the zone's place as its only column."""
    everywhere = struct.pack('<4d', *box_of([point for rings in zones for ring in rings for point in ring]))
    shapes, index, rows, at = b'', b'', b'', 50
    parts = []
    for i, rings in enumerate(zones):
        record = shape_record(rings)
        parts.append(struct.pack('>2i', i + 1, len(record) // 2) + record)
        index += struct.pack('>2i', at, len(record) // 2)
        rows += b' ' + str(i).rjust(10).encode()
        at += 4 + len(record) // 2
    shapes = b''.join(parts)
    for end, body in (('.shp', shapes), ('.shx', index)):
        with open(path[:-4] + end, 'wb') as out:
            out.write(struct.pack('>7i', 9994, 0, 0, 0, 0, 0, 50 + len(body) // 2) + struct.pack('<2i', 1000, 5)
                      + everywhere + bytes(32) + body)
    with open(path[:-4] + '.dbf', 'wb') as out:
        out.write(struct.pack('<4BIHH20x', 3, 120, 1, 1, len(zones), 65, 11)
                  + struct.pack('<11sc4xBB14x', b'ZONE', b'N', 10, 0) + b'\r' + rows + b'\x1a')


def main():
    """usage: heat_files.py SIDE COUNT BASE: hexagons as BASE.shp and BASE.json.

    A process of its own: what starts others must be small, or its memory counts as theirs."""
    side, count, base = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    zones = hexagons(side, count)
    write_shapes(base + '.shp', zones)
    write_geojson(base + '.json', zones, EPSG)


if __name__ == '__main__':
    main()
