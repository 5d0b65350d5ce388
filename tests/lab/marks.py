# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test tells runner.py about itself, and how it prints a figure."""


def alone(test):
    """Measures rates or times: nothing else may run beside it."""
    test.alone = True
    return test


def quick(test):
    """Part of the short run that is repeated under the sanitizers."""
    test.quick = True
    return test


def takes(seconds):
    """Needs longer than runner.TIMEOUT_S."""
    def mark(test):
        test.timeout_s = seconds
        return test
    return mark


def note(text):
    """A figure worth reading also when the test passes."""
    print(f"note: {text}", flush=True)
