/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adoption: the kernel's state outlives the processes, so a start is a comparison of what should be
 * (the journal) with what is (maps and leaves). */
#ifndef ZONA_ADOPT_H
#define ZONA_ADOPT_H

struct adoption;

void adoption_free(struct adoption *adoption);

#endif
