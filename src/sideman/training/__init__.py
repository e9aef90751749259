"""Training: from solos to weights.  It needs the extra ``train`` (Keras 3 on JAX).

:mod:`~sideman.training.plan`
    what a kind of model offers to be trained, and the result.
:mod:`~sideman.training.trainers`
    one trainer per kind: files → plan.
:mod:`~sideman.training.networks`
    the course's network as the loop sees it: parameters, logits, one update of the optimiser;
    by Keras' layers, or by the equations, without importing Keras.
:mod:`~sideman.training.adam`
    the optimiser of every network.
:mod:`~sideman.training.checkpoint`
    the run over epochs and its checkpoints, for the loop and for the soloist.
:mod:`~sideman.training.course`
    ``train_windows(X, Y, rng=…)``: the course's thirty steps, loss and optimiser.
:mod:`~sideman.training.loop`
    ``train(sentences, settings, …)``: a model from a corpus, with checkpoints.
:mod:`~sideman.training.soloist`
    ``train(part, held_out, settings, …)``: one of the soloist's networks, with checkpoints.
:mod:`~sideman.training.recipe`
    ``learn(solos, held_out, …)``: the whole soloist.
:mod:`~sideman.training.curves`
    ``picture(curves)``: the losses by epoch.

Importing them costs nothing; JAX and Keras are loaded when training begins.
"""
