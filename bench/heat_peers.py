"""Means and covered pixels of some thousand polygons, against SAGA and R's terra in one run.

Both weigh each pixel by its share of the polygon. Where a peer differs by more than the limit, GEOS, which knows nothing of
either, is asked: it cuts every pixel's square with the polygon (bench-heat geos).
"""
import csv
import json
import math
import os
import random
import shutil
import subprocess

import heat_files

LIMIT = 1e-6
PIXEL_M = 70.0
SHOWN = 12

TERRA = '''
suppressPackageStartupMessages(library(terra))
args <- commandArgs(TRUE)
r <- rast(args[1])[[1]]
v <- vect(args[2])
e <- extract(r, v, exact = TRUE)
names(e) <- c("id", "k", "w")
e <- e[!is.na(e$k) & !is.na(e$w), ]
w <- tapply(e$w, e$id, sum)
m <- tapply(e$w * e$k, e$id, sum) / w
writeLines(sprintf("%d,%.17g,%.17g", as.integer(names(w)) - 1L, w, m), args[3])
'''


def star(rand, x, y, radius):
    count = rand.randint(3, 15)
    ring = []
    for i in range(count):
        turn = 2 * math.pi * (i + 0.8 * rand.random()) / count
        far = radius * (0.2 + 0.8 * rand.random())
        ring.append((x + far * math.cos(turn), y + far * math.sin(turn)))
    return ring + ring[:1]


def sliver(rand, side):
    """Thinner than a tenth of a pixel, most of them than a hundredth."""
    x, y, turn = rand.random() * side, rand.random() * side, 2 * math.pi * rand.random()
    length, wide = 1 + 60 * rand.random(), 10 ** -(1 + 2 * rand.random())
    dx, dy = math.cos(turn), math.sin(turn)
    ring = [(x, y), (x + length * dx, y + length * dy),
            (x + length * dx - wide * dy, y + length * dy + wide * dx), (x - wide * dy, y + wide * dx)]
    return ring + ring[:1]


def discs(rand, side, count):
    """Each with a hole in it."""
    for _ in range(count):
        x, y = rand.random() * side, rand.random() * side
        ring = [(x + 20 * math.cos(a), y + 20 * math.sin(a)) for a in (2 * math.pi * i / 24 for i in range(24))]
        yield [ring + ring[:1], heat_files.hexagon(x, y, 9)]


def boxes(rand, side, count):
    """Along the borders of pixels."""
    for _ in range(count):
        x, y, w, h = rand.randrange(side), rand.randrange(side), rand.randint(1, 30), rand.randint(1, 30)
        yield [[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]]


def zones_of(side):
    """(kind, rings in pixels, clockwise on the map): the same for every run."""
    rand = random.Random(7)
    found = []
    radius = side / 60
    for x, y in heat_files.centres(side * 1.1, radius):
        found.append(('hexagon', [heat_files.hexagon(x - side * 0.05, y - side * 0.05, radius)[::-1]]))
    for i in range(1200):
        x, y = rand.random() * side, rand.random() * side
        found.append(('star', [star(rand, x, y, (0.4, 4, 25)[i % 3])]))
    for i in range(300):
        at = rand.random() * side
        x, y = [(0, at), (side, at), (at, 0), (at, side)][i % 4]
        found.append(('edge', [star(rand, x + rand.random(), y + rand.random(), 8)]))
    for i in range(500):
        found.append(('sliver', [sliver(rand, side)]))
    found += [('hole', rings) for rings in discs(rand, side, 100)]
    found += [('border', rings) for rings in boxes(rand, side, 100)]
    return found


def scene_of(folder, program):
    """The ECOSTRESS tile beside the checkout, else a raster of our own: path, side, corner, EPSG code."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    tile = os.path.join(root, '../shared/heat/ecostress-l2t-imperial-20230516')
    if os.path.isdir(tile):
        path = next(os.path.join(tile, name) for name in sorted(os.listdir(tile)) if name.endswith('_LST.tif'))
        return path, 1568, PIXEL_M, (600000.0, 3700020.0), 32611
    print('heat-peers: ../shared/heat is not there: a raster of our own instead of the ECOSTRESS tile')
    return (heat_files.raster(program, folder, 1536), 1536, heat_files.PIXEL_M, (heat_files.LEFT, heat_files.TOP),
            heat_files.EPSG)


def ours(kuailian, scene, zones, folder):
    out = os.path.join(folder, 'peers-ours.csv')
    subprocess.run([kuailian, 'heat', 'stats', '--scene', scene, '--zones', zones, '--zone-id', 'zone', '--mask', 'none',
                    '--quantiles', 'none', '--above', 'none', '--quiet', '--csv', out], check=True)
    with open(out, encoding='utf-8') as rows:
        return {int(row['zone']): (float(row['clear']), float(row['mean_k'])) for row in csv.DictReader(rows)
                if row['mean_k']}


def saga(scene, shapes, folder, pixel_m2):
    """Weights are m² there, so the sum over the mean is the covered area."""
    out = os.path.join(folder, 'peers-saga.geojson')
    subprocess.run(['saga_cmd', 'shapes_grid', '2', f'-GRIDS={scene}', f'-POLYGONS={shapes}', '-METHOD=3', '-NAMING=0',
                    f'-RESULT={out}'], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = {}
    with open(out, encoding='utf-8') as text:
        for feature in json.load(text)['features']:
            row = feature['properties']
            if (row['G01_MEAN'] or 0) > 0:  # -99999: none.
                found[int(row['ZONE'])] = (row['G01_SUM'] / row['G01_MEAN'] / pixel_m2, row['G01_MEAN'])
    return found


def terra(scene, shapes, folder):
    script, out = os.path.join(folder, 'peers.R'), os.path.join(folder, 'peers-terra.csv')
    with open(script, 'w', encoding='utf-8') as text:
        text.write(TERRA)
    subprocess.run(['Rscript', script, scene, shapes, out], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(out, encoding='utf-8') as rows:
        return {int(zone): (float(weight), float(mean)) for zone, weight, mean in csv.reader(rows)}


def differ(ours_found, peer, zone):
    """The mean by more than the limit, or the covered pixels by more than that part of them (at least of one)."""
    if zone not in ours_found or zone not in peer:
        return True
    (pixels, mean), (peer_pixels, peer_mean) = ours_found[zone], peer[zone]
    return abs(mean - peer_mean) > LIMIT or abs(pixels - peer_pixels) > LIMIT * max(pixels, 1)


def judge(program, scene, zones, chosen):
    """What GEOS finds in some zones."""
    out = subprocess.run([program, 'geos', scene, zones, *map(str, chosen)], capture_output=True, text=True, check=True)
    return {zone: tuple(float(word) for word in line.split()[-2:]) for zone, line in zip(chosen, out.stdout.splitlines())}


def report(name, found, peer, kinds, oracle):
    everywhere = [zone for zone in found if zone in peer]
    wrong = [zone for zone in sorted(set(found) | set(peer)) if differ(found, peer, zone)]
    print(f'heat-peers {name}: {len(everywhere)} polygons with observations, {len(everywhere) - len(wrong)} agree within '
          f'{LIMIT:g}; greatest difference of a mean {max(abs(found[z][1] - peer[z][1]) for z in everywhere):.2g} K')
    if not wrong:
        return
    verdict = oracle(wrong)
    with_us = sum(not differ(found, verdict, zone) for zone in wrong)
    with_peer = sum(zone in peer and not differ(peer, verdict, zone) for zone in wrong)
    print(f'heat-peers {name}: where they differ GEOS agrees with Kuailian {with_us} times, with {name} {with_peer} times')
    for zone in wrong[:SHOWN]:
        told = [f'{who} {pixels:.7f} pixels {mean:.7f} K' for who, (pixels, mean) in
                (('ours', found.get(zone, (0, math.nan))), (name, peer.get(zone, (0, math.nan))), ('GEOS', verdict[zone]))]
        print(f'  {kinds[zone]} {zone}:', ', '.join(told))
    if len(wrong) > SHOWN:
        print(f'  and {len(wrong) - SHOWN} more')


def run(kuailian, program, folder):
    os.makedirs(folder, exist_ok=True)
    scene, side, pixel_m, (left, top), epsg = scene_of(folder, program)
    zones = zones_of(side)
    placed = [[[(left + x * pixel_m, top - y * pixel_m) for x, y in ring] for ring in rings] for _, rings in zones]
    kinds = [kind for kind, _ in zones]
    text, shapes = os.path.join(folder, 'peers.json'), os.path.join(folder, 'peers.shp')
    heat_files.write_geojson(text, placed, epsg)
    heat_files.write_shapes(shapes, placed)
    found = ours(kuailian, scene, text, folder)
    print(f'heat-peers {len(zones)} polygons:', ', '.join(f'{kinds.count(kind)} {kind}' for kind in dict.fromkeys(kinds)))

    def oracle(chosen):
        return judge(program, scene, text, chosen)

    if shutil.which('saga_cmd'):
        report('SAGA', found, saga(scene, shapes, folder, pixel_m ** 2), kinds, oracle)
    else:
        print('heat-peers SAGA: skipped, saga_cmd is not installed (Debian: saga)')
    asked = subprocess.run(['Rscript', '-e', 'library(terra)'], capture_output=True, check=False) if shutil.which('Rscript') else None
    if asked and asked.returncode == 0:
        report('terra', found, terra(scene, shapes, folder), kinds, oracle)
    else:
        print('heat-peers terra: skipped, R has no terra (Debian: r-cran-terra)')
