"""The mini-batches of one pass over a data set after another."""


def batches_of_rows(examples, size, order_of_pass):
    """Indices of each batch's rows, without end; None where one batch is the whole data set.

    order_of_pass(n) is called at the start of each pass for the numbers below n, in whatever form indexes the
    library's arrays.
    """
    while size >= examples:
        yield None
    while True:
        order = order_of_pass(examples)
        for start in range(0, examples, size):
            yield order[start : start + size]
